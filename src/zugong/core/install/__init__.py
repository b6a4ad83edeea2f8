"""What this installation is (a demo or a county), and which days its jobs have run."""
