internal import Glibc

/// A value that one thread at a time sees, and that threads can wait to see changed (Hoare, 1974).
@safe final class Monitor<Value>: @unchecked Sendable {
  // The value is touched under the mutex alone.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var value: Value

  init(_ value: Value) {
    self.value = value
    // SAFETY: both are made here and destroyed in deinit alone.
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(condition, nil)
  }

  deinit {
    // SAFETY: nobody can hold or wait for them: that would keep this value alive.
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  /// Changes the value and wakes those that wait.
  func change<Result>(_ body: (inout Value) -> Result) -> Result {
    // SAFETY: the mutex lives as long as this value.
    unsafe pthread_mutex_lock(mutex)
    defer {
      unsafe pthread_cond_broadcast(condition)
      unsafe pthread_mutex_unlock(mutex)
    }
    return body(&value)
  }

  /// Waits until `body` has a result.
  func wait<Result>(_ body: (inout Value) -> Result?) -> Result {
    // SAFETY: the mutex and the condition live as long as this value.
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&value) { return result }
      unsafe pthread_cond_wait(condition, mutex)
    }
  }
}
