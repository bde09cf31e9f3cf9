"""Services that know no record type: people, workspace, jobs, files, mail, live updates, backups."""
