"""In which corner of the uncertain numbers an outcome happens."""
