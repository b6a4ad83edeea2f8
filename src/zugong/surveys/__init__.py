"""What people think, without saying who: sheets, slips and tallies."""
