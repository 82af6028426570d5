/// The elements that have begun and not ended.
///
/// The rules are those of the WHATWG HTML standard's tree construction (section 13.2.6) that move the edge of an
/// element; no tree is built, so that nothing is moved out of a table and no formatting begins anew.
struct OpenElements {
  struct Entry {
    let name: ElementName
    let element: HTMLElement
    /// Stands in SVG or MathML.
    let isForeign: Bool
  }

  private(set) var entries: [Entry] = []

  var count: Int { entries.count }

  /// Whether the next tag is read by the rules of SVG and MathML.
  var isForeign: Bool {
    guard let last = entries.last else { return false }
    return last.isForeign && !last.element.traits.contains(.integration)
  }

  /// Whether a CDATA section is text here.
  var holdsSections: Bool { entries.last?.isForeign ?? false }

  mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

  mutating func append(_ name: ElementName, _ element: HTMLElement, isForeign: Bool) {
    entries.append(Entry(name: name, element: element, isForeign: isForeign))
  }

  mutating func removeLast() -> HTMLElement { entries.removeLast().element }

  mutating func remove(at index: Int) { entries.remove(at: index) }

  // MARK: What a start tag ends

  /// The number of elements that stay open when a tag of `traits` begins in SVG or MathML and is HTML's.
  func countOutsideForeign() -> Int {
    var count = entries.count
    while count > 0 {
      let entry = entries[count - 1]
      if !entry.isForeign || entry.element.traits.contains(.integration) { break }
      count -= 1
    }
    return count
  }

  /// The number of elements that stay open before an element begins; nil if the tag is without effect there.
  func countBeforeStart(of element: HTMLElement) -> Int? {
    let traits = element.traits
    if traits.contains(.tablePart) {
      return countBeforeTablePart(traits, isRow: element.kind == .row)
    }
    if element.kind == .table, let table = index(of: .table, to: Self.tableBoundary) {
      let isInCell = entries[table...].contains {
        $0.element.traits.contains(.tableCell) || $0.element.kind == .caption
      }
      if !isInCell { return table }
    }
    var count = entries.count
    if traits.contains(.listItem) || traits.contains(.description) {
      count = countBeforeItem(traits.intersection([.listItem, .description]))
    }
    if traits.contains(.endsParagraph),
      let paragraph = index(of: .paragraph, to: Self.buttonBoundary, below: count)
    {
      count = paragraph
    }
    if traits.contains(.heading), count > 0, entries[count - 1].element.traits.contains(.heading) {
      count -= 1
    }
    if element.kind == .option || element.kind == .optionGroup {
      if count > 0, entries[count - 1].element.kind == .option { count -= 1 }
      if element.kind == .optionGroup, count > 0, entries[count - 1].element.kind == .optionGroup {
        count -= 1
      }
    }
    if element.kind == .button, let button = index(of: .button, to: Self.boundary, below: count) {
      count = button
    }
    return count
  }

  /// The place of an open `a` that ends where another begins.
  func indexOfAnchor() -> Int? { index(of: .anchor, to: Self.boundary) }

  /// An item ends the one before it, unless something else that holds items lies between.
  private func countBeforeItem(_ kind: HTMLElement.Traits) -> Int {
    for index in entries.indices.reversed() {
      let entry = entries[index]
      if entry.isForeign { break }
      if !entry.element.traits.isDisjoint(with: kind) { return index }
      if entry.element.traits.contains(.special), entry.element.kind != .address,
        entry.element.kind != .division, entry.element.kind != .paragraph
      {
        break
      }
    }
    return entries.count
  }

  private func countBeforeTablePart(_ traits: HTMLElement.Traits, isRow: Bool) -> Int? {
    guard let table = index(of: .table, to: Self.tableBoundary) else { return nil }
    var count = table + 1
    let isCell = traits.contains(.tableCell)
    if isCell || isRow, count < entries.count,
      entries[count].element.traits.contains(.tableSection)
    {
      count += 1
    }
    if isCell, count < entries.count, entries[count].element.kind == .row { count += 1 }
    return count
  }

  // MARK: What an end tag ends

  /// What an end tag does to the elements that are open.
  enum Ending {
    case nothing
    /// All elements from this place on end.
    case from(Int)
    /// This one ends, those inside of it go on.
    case only(Int)
  }

  func ending(of name: ElementName, _ element: HTMLElement) -> Ending {
    if isForeign || entries.last?.isForeign == true {
      for index in entries.indices.reversed() where entries[index].isForeign {
        if entries[index].name == name { return .from(index) }
        if index > 0, !entries[index - 1].isForeign { break }
      }
    }
    let traits = element.traits
    if traits.contains(.heading) {
      return from(index(to: Self.boundary) { $0.element.traits.contains(.heading) })
    }
    if element.kind == .table || traits.contains(.tablePart) {
      return from(index(of: name, to: Self.tableBoundary))
    }
    if element.kind == .template { return from(index(of: name, to: { _ in false })) }
    if element.kind == .paragraph { return from(index(of: name, to: Self.buttonBoundary)) }
    if traits.contains(.listItem) { return from(index(of: name, to: Self.listBoundary)) }
    if traits.contains(.container) { return from(index(of: name, to: Self.boundary)) }
    if traits.contains(.formatting) {
      guard let index = index(of: name, to: Self.boundary) else { return .nothing }
      let holdsMore = entries[index...].contains(where: Self.isSpecial)
      return holdsMore ? .only(index) : .from(index)
    }
    return from(index(of: name, to: Self.isSpecial))
  }

  private func from(_ index: Int?) -> Ending { index.map { .from($0) } ?? .nothing }

  // MARK: Scopes

  @inline(__always)
  private func index(
    of kind: HTMLElement.Kind,
    to boundary: (Entry) -> Bool,
    below count: Int? = nil
  ) -> Int? {
    index(to: boundary, below: count) { $0.element.kind == kind }
  }

  @inline(__always)
  private func index(
    of name: ElementName,
    to boundary: (Entry) -> Bool,
    below count: Int? = nil
  ) -> Int? {
    index(to: boundary, below: count) { $0.name == name }
  }

  /// The innermost entry that is wanted, if no boundary is met before it.
  @inline(__always)
  private func index(
    to boundary: (Entry) -> Bool,
    below count: Int? = nil,
    _ isWanted: (Entry) -> Bool
  ) -> Int? {
    var index = (count ?? entries.count) - 1
    while index >= 0 {
      let entry = entries[index]
      if !entry.isForeign, isWanted(entry) { return index }
      if boundary(entry) { return nil }
      index -= 1
    }
    return nil
  }

  private static func boundary(_ entry: Entry) -> Bool {
    entry.element.traits.contains(entry.isForeign ? .integration : .scope)
  }

  private static func isSpecial(_ entry: Entry) -> Bool {
    entry.element.traits.contains(entry.isForeign ? .integration : .special)
  }

  private static func buttonBoundary(_ entry: Entry) -> Bool {
    boundary(entry) || entry.element.kind == .button
  }

  private static func listBoundary(_ entry: Entry) -> Bool {
    boundary(entry) || entry.element.kind == .orderedList || entry.element.kind == .list
  }

  private static func tableBoundary(_ entry: Entry) -> Bool { entry.element.kind == .template }
}
