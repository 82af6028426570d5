"""read_run.py RUN: reads a run with two ranks of two workers, and checks what the reader refuses."""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../python"))
from ingest_reader import DamagedRun, Run  # noqa: E402

folder = sys.argv[1]
run = Run(folder)
positions = []
for rank in range(2):
    for worker in range(2):
        for batch in run.batches(7, rank, 2, worker, 2):
            assert 1 <= len(batch) <= 7
            positions += [record["position"] for record in batch]
assert sorted(positions) == list(range(run.count)), "every record once"
before = run.receipt["private"]
assert run.close()["private"] != before
print(f"{len(positions)} records in 4 readers")

# A part that was altered, cut or lost is refused by name.
for change in ("altered", "cut", "lost"):
    copy = f"{folder}-{change}"
    shutil.copytree(folder, copy)
    part = os.path.join(copy, "parts/part-000001.jsonl")
    with open(part, "rb") as file:
        lines = file.read()
    if change == "lost":
        os.remove(part)
    else:
        with open(part, "wb") as file:
            file.write(lines.replace(b"the", b"teh", 1) if change == "altered" else lines[: lines.rindex(b"\n", 0, -1) + 1])
    try:
        list(Run(copy).records())
    except DamagedRun as error:
        assert "part-000001" in str(error) and "ingest feed" in str(error), error
    else:
        sys.exit(f"{change}: was not noticed")

try:
    import torch.utils.data
except ImportError:
    print("torch is not here: RecordDataset is not read")
else:
    from ingest_reader import RecordDataset

    dataset = RecordDataset(folder, 7, epoch=1)
    loader = torch.utils.data.DataLoader(dataset, batch_size=None, num_workers=2)
    positions = [record["position"] for batch in loader for record in batch]
    assert sorted(positions) == list(range(run.count)), "every record once, over two workers"
    print(f"{len(positions)} records through a DataLoader")
