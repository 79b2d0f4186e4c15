"""Other libraries' ways to weightless; each module needs its library, none is needed here."""
