import sys

import pandas

frame = pandas.read_csv(sys.argv[1])
frame.to_parquet(sys.argv[2])
print("rows", len(frame))
