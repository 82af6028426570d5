internal import CanonicalCoding
internal import Manifests
internal import SourceAPI

/// Finds where a source that is read again begins, and what the store knows of it.
struct ScanStart {
  let plan: SourcePlan
  let manifestPath: String
  let plugin: PluginIdentity
  let asOf: CivilDate

  init(_ plan: SourcePlan, plugin: PluginIdentity, manifestPath: String, asOf: CivilDate) {
    (self.plan, self.plugin) = (plan, plugin)
    (self.manifestPath, self.asOf) = (manifestPath, asOf)
  }

  /// Where to begin: nowhere, at the last place that is safe, or at the start with everything
  /// committed compared on the way.
  func begin(_ store: Store) throws -> (SourceState, ResumePoint) {
    guard var state = try store.state(of: plan.manifest.id) else { return try fresh(store) }
    if isSame(state) { return (state, state.resume) }
    if state.signedEpoch == 0 {
      // Nobody has seen this source yet: what changed is simply read anew.
      try store.discard(state.id)
      return try fresh(store)
    }
    guard state.profileDigest == plan.profileDigest.hex else {
      throw IngestError(
        .refused,
        "source '\(state.id)': epoch \(state.signedEpoch) was committed under another profile (library or Unicode version); commit it under a new id"
      )
    }
    let findings = try ManifestHistory.licenseOrder(
      plan.manifest,
      file: manifestPath,
      state: state,
      store: store
    )
    guard findings.isEmpty else { throw ManifestError(findings) }
    let before = state
    state.isComplete = false
    state.manifestDigest = plan.manifestDigest.hex
    state.manifestPath = manifestPath
    state.inputsDigest = plan.inputsDigest.hex
    state.options = plan.options.whatIsRead
    state.plugin = plugin
    state.resume = ResumePoint(licenseCount: plan.licenses.entries.count)
    try store.commit(state, replacing: before, segment: nil)
    return (state, state.resume)
  }

  /// Whether a state is of this very plan: the same manifest, files, rules and plugin.
  func isSame(_ state: SourceState) -> Bool {
    state.manifestDigest == plan.manifestDigest.hex && state.inputsDigest == plan.inputsDigest.hex
      && state.profileDigest == plan.profileDigest.hex && state.options == plan.options.whatIsRead
      && state.plugin == plugin
  }

  private func fresh(_ store: Store) throws -> (SourceState, ResumePoint) {
    let state = SourceState(plan, plugin: plugin, manifestPath: manifestPath, asOf: asOf)
    try store.commit(state, replacing: nil, segment: nil)
    return (state, state.resume)
  }
}
