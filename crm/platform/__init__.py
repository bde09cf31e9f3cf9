"""What the product needs whatever it is about: people, workspace, jobs, files, mail, live updates, backups."""
