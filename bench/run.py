"""What `make bench` runs: `measure.py`, whose imports are not for every process that it starts."""

if __name__ == "__main__":
    from measure import main

    main()
