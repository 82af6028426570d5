internal import ArgumentParser

/// `ingest policy`: the rules that legal wrote, checked, compiled, tried and compared.
struct PolicyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy",
    abstract: "Check a policy, compile it to decisions, try it on cases, compare two.",
    subcommands: [
      PolicyCheckCommand.self, PolicyCompileCommand.self, PolicyTestCommand.self,
      PolicyDiffCommand.self,
    ]
  )
}
