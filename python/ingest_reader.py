"""Reads a run of `ingest feed` into a training loop, and notes in the receipt what each batch held.

No dependency beyond the standard library; with PyTorch there is `RecordDataset`, an IterableDataset.

    from ingest_reader import Run

    run = Run("run")
    for batch in run.batches(32, rank=0, world=4):
        train([record["text"] for record in batch])
    run.close()                     # batch boundaries are in the receipt; then: ingest prove provenance

Parts are shared out among ranks, and among the workers of a rank: reader i of n takes the parts whose number is i mod n.
Every record's content is hashed again and compared with the digest that the receipt's tree has at its position.
"""

import base64
import hashlib
import json
import os
import struct

__all__ = ["DamagedRun", "Run"]

ENTRY = struct.Struct(">IQ32sII")


class DamagedRun(Exception):
    """A file of the run is not what the receipt names; the message says which, and what to do."""


def canonical(value):
    """The RFC 8785 bytes of what receipts hold: objects, lists, strings without lone surrogates."""
    return json.dumps(
        value, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    ).encode()


def write_durably(path, data, mode=0o644):
    """Writes a file under a temporary name, syncs it, and gives it its name in one step."""
    temporary = path + ".tmp"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, path)


class Run:
    """A finished run of `ingest feed --out FOLDER`.

    verify: whether every record is compared with the receipt's order (a SHA-256 of its content).
    """

    def __init__(self, folder, verify=True):
        self.folder = folder
        self.verify = verify
        head = self._read("receipt.json")
        self.receipt = json.loads(head)
        self.private = json.loads(self._private())
        self.count = int(self.receipt["count"])
        with open(self._path("private/arguments.json"), "rb") as file:
            arguments = json.load(file)
        self.part_size = int(arguments["partSize"])
        if arguments["format"] != "jsonl":
            raise DamagedRun(f"{folder}: was fed as {arguments['format']}; feed it with --format jsonl")
        self.part_count = (self.count + self.part_size - 1) // self.part_size
        self._order = None

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _read(self, name):
        try:
            with open(self._path(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            raise DamagedRun(f"{self._path(name)}: is missing; run ingest feed to its end") from None

    def _private(self):
        part = self._read("private/receipt.private.json")
        if hashlib.sha256(part).hexdigest() != self.receipt["private"]:
            raise DamagedRun(f"{self._path('private/receipt.private.json')}: is not the one that the receipt names")
        return part

    def _digest(self, position):
        if self._order is None:
            order = self._read("private/order.bin")
            if hashlib.sha256(order).hexdigest() != self.private["order"]["sha256"]:
                raise DamagedRun(f"{self._path('private/order.bin')}: is not the order of the receipt")
            self._order = order
        return ENTRY.unpack_from(self._order, ENTRY.size * position)[2]

    # Reading

    def records(self, reader=0, readers=1):
        """The records of one reader of several, in order of position, as dictionaries.

        Members: position, source, index, license, sha256, and text or, where the content is no UTF-8, data (bytes).
        """
        if not 0 <= reader < readers:
            raise ValueError("reader is below readers")
        for number in range(reader, self.part_count, readers):
            yield from self._part(number)

    def _part(self, number):
        path = self._path(f"parts/part-{number:06d}.jsonl")
        position = number * self.part_size
        end = min(position + self.part_size, self.count)
        try:
            file = open(path, "rb")
        except FileNotFoundError:
            raise DamagedRun(f"{path}: is missing; run ingest feed again") from None
        with file:
            for line in file:
                record = json.loads(line)
                content = record["text"].encode() if "text" in record else base64.b64decode(record.pop("base64"))
                if "text" not in record:
                    record["data"] = content
                if record["position"] != position:
                    raise DamagedRun(f"{path}: position {position} is missing; remove the part and run ingest feed again")
                if self.verify and hashlib.sha256(content).digest() != self._digest(position):
                    raise DamagedRun(
                        f"{path}: the record at position {position} is not what the receipt commits to; "
                        "remove the part and run ingest feed again"
                    )
                position += 1
                yield record
        if position != end:
            raise DamagedRun(f"{path}: ends before position {end}; remove the part and run ingest feed again")

    def batches(self, size, rank=0, world=1, worker=0, workers=1, epoch=0, drop_last=False):
        """Lists of `size` records for one worker of one rank; each is noted for the receipt.

        Ranks can get different numbers of batches, by one part at most; drop_last drops a last short batch, which is
        then not noted.
        """
        if size < 1:
            raise ValueError("a batch has at least one record")
        if self._has_proofs():
            raise DamagedRun(f"{self.folder}: is proven already, its receipt cannot change; feed it anew to train again")
        log = _BatchLog(self, epoch, rank, worker)
        batch = []
        for record in self.records(rank * workers + worker, world * workers):
            batch.append(record)
            if len(batch) == size:
                log.add(batch)
                yield batch
                batch = []
        if batch and not drop_last:
            log.add(batch)
            yield batch
        log.end()

    # The receipt

    def _has_proofs(self):
        return os.path.isdir(self._path("private/link"))

    def close(self):
        """Puts the digests of all batch logs into the receipt's private part, and its digest into the head.

        To be called once, when every rank has ended; before any proof is made of the run.
        """
        if self._has_proofs():
            raise DamagedRun(f"{self.folder}: is proven already, its receipt cannot change")
        folder = self._path("private/batches")
        logs = []
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            with open(os.path.join(folder, name), "rb") as file:
                log = file.read()
            logs.append(
                {"file": name, "count": str(log.count(b"\n")), "sha256": hashlib.sha256(log).hexdigest()}
            )
        self.private["batches"] = logs
        part = canonical(self.private)
        self.receipt["private"] = hashlib.sha256(part).hexdigest()
        write_durably(self._path("private/receipt.private.json"), part, 0o600)
        write_durably(self._path("receipt.json"), canonical(self.receipt))
        return self.receipt


class _BatchLog:
    """One line a batch: the ranges of positions that it held."""

    def __init__(self, run, epoch, rank, worker):
        folder = run._path("private/batches")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.path = os.path.join(folder, f"epoch-{epoch:04d}-rank-{rank:04d}-worker-{worker:04d}.jsonl")
        self.file = open(self.path, "w", encoding="ascii")
        self.step = 0

    def add(self, batch):
        ranges = []
        for record in batch:
            position = record["position"]
            if ranges and ranges[-1][1] == position:
                ranges[-1][1] += 1
            else:
                ranges.append([position, position + 1])
        self.file.write(json.dumps([self.step, ranges], separators=(",", ":")) + "\n")
        self.step += 1

    def end(self):
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()


try:
    import torch.distributed
    from torch.utils.data import IterableDataset, get_worker_info
except ImportError:
    pass
else:

    class RecordDataset(IterableDataset):
        """Batches of a run for a DataLoader with batch_size=None; rank and worker are those of the process."""

        def __init__(self, folder, batch_size, epoch=0, verify=True):
            super().__init__()
            self.folder, self.batch_size = folder, batch_size
            self.epoch, self.verify = epoch, verify

        def __iter__(self):
            rank, world = 0, 1
            if torch.distributed.is_available() and torch.distributed.is_initialized():
                rank, world = torch.distributed.get_rank(), torch.distributed.get_world_size()
            info = get_worker_info()
            worker, workers = (info.id, info.num_workers) if info else (0, 1)
            run = Run(self.folder, verify=self.verify)
            yield from run.batches(
                self.batch_size, rank, world, worker, workers, epoch=self.epoch
            )

    __all__.append("RecordDataset")
