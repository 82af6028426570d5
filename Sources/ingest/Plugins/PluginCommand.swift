internal import ArgumentParser

/// `ingest plugin`: plugins that are programs of their own.
struct PluginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin",
    abstract: "List, begin and check plugins in any language.",
    discussion: """
      A plugin is an executable ingest-source-NAME in a folder that --plugins or
      INGEST_PLUGINS names. A manifest asks for it by source.plugin: NAME. It runs
      without network and reads its inputs alone; docs/plugin-protocol.md says how it
      and ingest speak.

      EXAMPLES
        ingest plugin list --plugins plugins
        ingest plugin new tickets --out plugins
        ingest plugin check tickets --plugins plugins export-1.txt export-2.txt
      """,
    subcommands: [PluginListCommand.self, PluginNewCommand.self, PluginCheckCommand.self]
  )
}
