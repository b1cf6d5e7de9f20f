"""What expressions give: names, attributes, containers, text."""
