"""kill -9 at random moments while people, programs and files change everything that can be changed at once.

    python -m benchmarks.kill [--kills 100 --seed 1 --longest 3]

Each life of the product has people who move deals, edit and make contacts, import files, change two hundred records at
once, merge, and shops that send signed orders; checkpoints and backups are made in between. It is killed while they
work, in the midst of a checkpoint, or in the midst of a backup. Then the store is opened as it is: what was
acknowledged must be there, what is atomic must be there as a whole or not at all, and `crm verify` must find no fault
in the store, nor in any backup that is offered.
"""
