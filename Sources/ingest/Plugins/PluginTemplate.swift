/// What `ingest plugin new` writes.
enum PluginTemplate {
  /// A plugin in Python that passes `ingest plugin check`: the lines of text files, the standard library alone.
  static func python(_ name: String) -> String {
    #"""
    #!/usr/bin/env python3
    """A source plugin for `ingest`: one record a line of its inputs. Change `read` and VERSION; the rest can stay.

    `ingest` starts this program; docs/plugin-protocol.md says how the two speak. The same inputs must give the same records
    in the same order on every run: no clock, no randomness, no order of sets. Whatever changes a record changes VERSION.
    Check it with: ingest plugin check NAME --plugins FOLDER FILE
    """

    import json
    import struct
    import sys

    NAME = "PLUGIN-NAME"
    VERSION = "0.1.0"
    HELLO, RECORD, CHECKPOINT, DONE, FAILED = 1, 2, 3, 4, 5
    RECORDS_PER_CHECKPOINT = 512
    sent = 0


    def send(kind, head, body=None):
        """One message: length, kind, JSON; a record has its head's length, its head and its bytes."""
        head = json.dumps(head, ensure_ascii=False).encode()
        content = head if body is None else struct.pack(">I", len(head)) + head + body
        sys.stdout.buffer.write(struct.pack(">IB", 1 + len(content), kind) + content)


    def receive():
        """What is to be read; None when `ingest` only asked who this is."""
        head = sys.stdin.buffer.read(5)
        if len(head) < 5:
            return None
        length, kind = struct.unpack(">IB", head)
        content = sys.stdin.buffer.read(length - 1)
        return json.loads(content) if kind == 1 else receive()


    def record(head, body=b""):
        global sent
        send(RECORD, head, body)
        sent += 1


    def checkpoint(number, offset, ordinal, read):
        """A place behind the last record; the numbers come back in `resume` and mean something to this program alone."""
        send(CHECKPOINT, {"input": number, "offset": offset, "ordinal": ordinal, "read": read})
        sys.stdout.buffer.flush()


    def read(number, path, offset, ordinal, limits):
        """Sends what an input has behind a place."""
        limit = int(limits["line-bytes"])
        with open(path, "rb") as file:
            file.seek(offset)
            while line := file.readline(limit + 1):
                length = len(line)
                while len(line) > limit and not line.endswith(b"\n"):
                    # Too long: counted, not kept.
                    line = file.readline(1 << 16)
                    length += len(line)
                    if not line:
                        break
                    line = line if line.endswith(b"\n") else line.ljust(limit + 1)
                ordinal += 1
                head = {"input": number, "at": f"#L{ordinal}", "kind": "line", "offset": offset, "length": length}
                if length > limit:
                    detail = f"a line of more than {limit} bytes"
                    record({**head, "verdict": "rejected", "reason": "budget-line", "detail": detail})
                else:
                    record({**head, "mediaType": "text/plain"}, line.rstrip(b"\r\n"))
                offset += length
                if ordinal % RECORDS_PER_CHECKPOINT == 0:
                    checkpoint(number, offset, ordinal, offset)
        checkpoint(number + 1, 0, 0, 0)


    def main():
        send(HELLO, {"protocol": 1, "name": NAME, "version": VERSION})
        sys.stdout.buffer.flush()
        configuration = receive()
        if configuration is None:
            return
        resume = configuration["resume"] or {"input": 0, "offset": "0", "ordinal": "0"}
        for entry in configuration["inputs"]:
            number = entry["input"]
            if number > resume["input"]:
                read(number, entry["path"], 0, 0, configuration["limits"])
            elif number == resume["input"]:
                read(number, entry["path"], int(resume["offset"]), int(resume["ordinal"]), configuration["limits"])
        send(DONE, {"records": sent})
        sys.stdout.buffer.flush()


    main()

    """#.replacing("PLUGIN-NAME", with: name)
  }
}
