"""What any product of this kind needs: people, workspace, jobs, files, mail, live updates, backups."""
