/// What a profile does with a media type.
enum TextHandling: Equatable {
  case html, text, none

  init(_ mediaType: String, profile: NormalizationProfile.Name) {
    let isHTML = mediaType == "text/html" || mediaType == "application/xhtml+xml"
    switch profile {
    case .raw: self = .none
    case .html:
      let plain = ["text/plain", "text/markdown", "text/x-rst", "text/x-web-markdown"]
      self = isHTML ? .html : plain.contains(mediaType) ? .text : .none
    case .text:
      let isText =
        mediaType.hasPrefix("text/") || mediaType.hasSuffix("+xml") || mediaType.hasSuffix("+json")
        || [
          "application/json", "application/xml", "application/javascript", "application/x-ndjson",
        ].contains(mediaType)
      self = isText ? .text : .none
    }
  }
}
