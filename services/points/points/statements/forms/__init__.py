"""The forms of a statement: JSON for programs, CSV for spreadsheets, PDF for people."""
