"""Grid: rulings and words become tables with spans; tables are stitched across pages."""
