public import CanonicalCoding

/// What a manifest says in members that no decision depends on, by their dotted names: decoding has checked their forms.
extension SourceManifest {
  /// The value of a member.
  public func value(_ path: String) -> JSONValue? {
    path.split(separator: ".").reduce(typedForm as JSONValue?) { value, name in
      value?.object?[String(name)]
    }
  }

  /// The text of a member.
  public func text(_ path: String) -> String? { value(path)?.text }

  /// The texts of a list.
  public func texts(_ path: String) -> [String] {
    (value(path)?.elements ?? []).compactMap(\.text)
  }

  /// The entries of a list of mappings.
  public func entries(_ path: String) -> [JSONObject] {
    (value(path)?.elements ?? []).compactMap(\.object)
  }
}

extension SourceManifest.LicenseGrant {
  /// The line that has to stand wherever records of this entry are passed on; `nil` when none is asked for.
  public var attribution: String? {
    guard let object = identity.object?["attribution"]?.object,
      object["required"]?.boolean == true
    else { return nil }
    return object["text"]?.text
  }
}
