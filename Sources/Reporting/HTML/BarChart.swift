/// Bars with their names and values, as SVG that is readable without color and in print.
struct BarChart {
  /// One bar.
  struct Bar {
    let name: String
    let value: UInt64
  }

  /// What the bars show.
  let title: String
  /// What is counted: records, words.
  let unit: String
  /// The bars, in their order.
  let bars: [Bar]

  private static let (row, width) = (38, 440)

  /// Longer lists are cut to the largest, and the rest is one bar.
  static func largest(_ bars: [Bar], limit: Int = 12) -> [Bar] {
    let sorted = bars.sorted { ($1.value, $0.name) < ($0.value, $1.name) }
    guard sorted.count > limit else { return sorted }
    let rest = sorted[(limit - 1)...]
    return sorted.prefix(limit - 1) + [
      Bar(name: "\(rest.count) others", value: rest.reduce(0) { $0 + $1.value })
    ]
  }

  var markup: Markup {
    guard !bars.isEmpty else { return .empty }
    let height = bars.count * Self.row + 6
    let most = max(1, bars.map(\.value).max() ?? 1)
    var pieces: [Markup] = [.element("title", [], "\(title), \(unit)")]
    for (index, bar) in bars.enumerated() {
      let y = index * Self.row
      // A value that is there is never drawn as nothing.
      let length =
        bar.value == 0 ? 0 : max(2, Int(Double(Self.width) * Double(bar.value) / Double(most)))
      pieces += [
        .element("text", [("x", "0"), ("y", "\(y + 14)")], Self.short(bar.name)),
        .element(
          "text",
          [("class", "value"), ("x", "\(Self.width)"), ("y", "\(y + 14)"), ("text-anchor", "end")],
          bar.value.grouped
        ),
        Self.rectangle("track", y, Self.width), Self.rectangle("bar", y, length),
      ]
    }
    return .element(
      "figure",
      [],
      [
        .element("figcaption", [], "\(title), \(unit)"),
        .element(
          "svg",
          [("viewBox", "0 0 \(Self.width) \(height)"), ("role", "img")],
          pieces
        ),
      ]
    )
  }

  private static func rectangle(_ kind: String, _ y: Int, _ length: Int) -> Markup {
    let attributes: [(StaticString, String)] = [
      ("class", kind), ("x", "0"), ("y", "\(y + 20)"), ("width", "\(length)"),
      ("height", "\(row - 26)"),
    ]
    return .element("rect", attributes, [Markup.empty])
  }

  private static func short(_ name: String) -> String {
    name.count <= 44 ? name : name.prefix(43) + "…"
  }
}

extension UInt64 {
  /// The number with its thousands apart.
  var grouped: String {
    var text = ""
    for (index, digit) in String(self).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append("\u{202F}") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
