internal import Algebra
internal import ProofSystem

/// The lanes of a group in memory: their data, one behind the other as the group's stack, and their tails.
///
/// A column is a range of the stack, which the zerocheck reads as it is committed: nothing is kept twice.
struct LaneStore: Sendable {
  let code: CodeParameters
  let laneCount: Int
  /// The stack.
  let data: WordBuffer
  /// The tails: mask zone, then query zone.
  let tails: WordBuffer
  /// Words of a tail; one more than the code's only where a test cheats.
  let tailLength: Int

  init(laneCount: Int, code: CodeParameters, extraTail: Int = 0) {
    (self.laneCount, self.code) = (laneCount, code)
    tailLength = code.tailLength + extraTail
    data = WordBuffer(zeros: laneCount * code.dataLength)
    tails = WordBuffer(zeros: laneCount * tailLength)
  }

  /// Lanes whose data the caller sets.
  init(unset laneCount: Int, code: CodeParameters) {
    (self.laneCount, self.code) = (laneCount, code)
    tailLength = code.tailLength
    data = WordBuffer(unset: laneCount * code.dataLength)
    tails = WordBuffer(zeros: laneCount * tailLength)
  }

  /// The lanes of messages that a test changed.
  init(messages: [[BaseField]], code: CodeParameters) {
    let longest = messages.map(\.count).max() ?? 0
    self.init(
      laneCount: messages.count,
      code: code,
      extraTail: max(0, longest - code.messageLength)
    )
    for (lane, message) in messages.enumerated() {
      data.write(message.prefix(code.dataLength), at: lane * code.dataLength)
      tails.write(message.dropFirst(code.dataLength), at: lane * tailLength)
    }
  }

  /// The messages of all lanes.
  var messages: [[BaseField]] {
    (0..<laneCount).map { lane in
      data.elements(lane * code.dataLength..<(lane + 1) * code.dataLength)
        + tails.elements(lane * tailLength..<(lane + 1) * tailLength)
    }
  }

  /// Writes a column: its values, zeros, and pad rows at the end.
  func write(_ values: [BaseField], pad: [BaseField], at place: StackLayout.Place) {
    data.write(values, at: place.offset)
    data.write(pad, at: place.offset + (1 << place.logHeight) - pad.count)
  }

  /// The same for words; without them only the pad rows.
  func write(_ values: WordBuffer?, pad: [BaseField], at place: StackLayout.Place) {
    if let values { data.copy(values, 0..<values.count, to: place.offset) }
    data.write(pad, at: place.offset + (1 << place.logHeight) - pad.count)
  }

  /// The values of a column.
  func column(_ place: StackLayout.Place) -> [BaseField] {
    data.elements(place.offset..<place.offset + (1 << place.logHeight))
  }

  /// Fills the query zones of some lanes; each lane has a stream of its own.
  func fillTails(
    _ lanes: Range<Int>,
    from start: Int,
    _ kernels: ProverKernels,
    _ stream: @Sendable (Int) -> ProverRandomness.Stream
  ) {
    kernels.loop.run(lanes.count) { index in
      let lane = lanes.lowerBound + index
      var coins = stream(lane)
      coins.fill(tails, lane * tailLength + start..<lane * tailLength + code.tailLength, kernels)
    }
  }

  /// The parts of each lane's message.
  var columns: [[TransformKernel.Column]] {
    (0..<laneCount).map { lane in
      [
        (data, lane * code.dataLength, code.dataLength), (tails, lane * tailLength, tailLength),
      ]
    }
  }
}
