"""Makes Spindle's sample data: music, play logs, topology, and benchmark libraries."""
