# The tasks of this project. Without `just` installed: npx -y rust-just@1.57.0 <task>

system_path := env('PATH')
export PATH := justfile_directory() / "node_modules/.bin" + ":" + system_path
pnpm := "npx -y pnpm@12.21.0"

# List the tasks
default:
    @{{ just_executable() }} --list --unsorted

# Install everything the project needs (done by the other tasks too)
setup:
    @PATH="{{ system_path }}" node scripts/setup.mjs

# Run the example: the Prefect flow and its Node job on three days of flights, or on the given days (2013-02-10 …); `--remote s3`, `gcs` or `azure`: the data in an object store
[no-exit-message]
[positional-arguments]
etl *words: setup
    @node scripts/etl.ts "$@"

# Lint, type check and run all tests against a real Prefect server
[no-exit-message]
test: setup
    @node scripts/test.ts

# Start the Prefect server of an environment (dev, main; default: the one in use) and leave it running
[no-exit-message]
[positional-arguments]
launch environment='': setup
    @node scripts/server.ts launch "$@"

# Stop it
[no-exit-message]
[positional-arguments]
kill environment='': setup
    @node scripts/server.ts kill "$@"

# Say which servers run, or whether the named one does
[no-exit-message]
[positional-arguments]
status environment='': setup
    @node scripts/server.ts status "$@"

# Show the server's log, and what comes on a terminal
[no-exit-message]
[positional-arguments]
logs environment='': setup
    @node scripts/server.ts logs "$@"

# Choose the environment that the tasks use; without a name the git branch chooses (main: main, else dev)
[no-exit-message]
[positional-arguments]
use environment='': setup
    @node scripts/environment.ts use "$@"

# Show what is in force and where each value came from, secrets masked
[no-exit-message]
env: setup
    @node -C @prefect-ts/source scripts/environment.ts env

# Register the example's blocks on the environment's server (safe to repeat)
[no-exit-message]
[positional-arguments]
blocks environment='': setup
    @node scripts/environment.ts blocks "$@"

# Create the example's work pool and deployments on the environment's server (safe to repeat)
[no-exit-message]
[positional-arguments]
deploy environment='': setup
    @node scripts/deploy.ts deploy "$@"

# Run a worker for the deployments until Ctrl-C; several may run, on several machines
[no-exit-message]
[positional-arguments]
worker environment='': setup
    @node scripts/deploy.ts worker "$@"

# List the blocks of the environment's server
[no-exit-message]
[positional-arguments]
ls environment='': setup
    @node scripts/environment.ts ls "$@"

# Run the command line of prefect-ts on the environment's server (just cli runs start etl/daily --watch)
[no-exit-message]
[positional-arguments]
cli *words: setup
    @node scripts/environment.ts cli "$@"

# Open Prefect's pages of the environment
[no-exit-message]
[positional-arguments]
ui environment='': setup
    @node scripts/environment.ts ui "$@"

# Delete an environment: its server's runs and blocks, and its data (asks first; --yes does not)
[no-exit-message]
[positional-arguments]
reset *arguments: setup
    @node scripts/server.ts reset "$@"

# Build the container image of the example's job (--base node:24-slim, --tag name:tag, --engine docker or podman)
[no-exit-message]
[positional-arguments]
image *options: setup
    @node scripts/image.ts "$@"

# Deploy the image to a docker work pool of the environment's server: its flow runs are the Node job itself (--image, --pool, --name, --variables)
[no-exit-message]
[positional-arguments]
deploy-image *options: build
    @node -C @prefect-ts/source scripts/deploy-image.ts "$@"

# Measure: all benches, or the named one
bench name='': build
    @node bench/run.ts {{ name }}

# The reliability trials at full counts (minutes to hours): all, or of the packages whose names start so (just trials store)
[no-exit-message]
[positional-arguments]
trials *names: build
    @if [ $# -eq 0 ]; then PREFECT_TS_TRIALS=full node scripts/test.ts; else set -f; PREFECT_TS_TRIALS=full vitest run $(printf -- '--project=%s* ' "$@"); fi

# Run the suites that talk to a server on Prefect servers of other versions, and write the table of packages/api/README.md
[positional-arguments]
server-versions *versions: build
    @node scripts/server-versions.ts "$@"

# Compile the packages
build: setup
    @{{ pnpm }} --silent exec turbo run build --output-logs=errors-only --no-update-notifier >/dev/null

# Write the packages as they would be published, npm tarballs and Python wheel, to dist/
pack: build
    @rm -rf dist && {{ pnpm }} --silent --recursive --filter './packages/*' pack --pack-destination dist >/dev/null
    @.venv/bin/uv build --quiet --wheel --out-dir dist python/prefect-ts && ls dist/*

# Format and fix what the linter can
format: setup
    @oxfmt . && oxlint --fix && .venv/bin/ruff format python apps && .venv/bin/ruff check --fix python apps

# Generate the API types and the block types from a running server of the pinned Prefect version
generate: setup
    @node scripts/generate.ts

# Write protocol/layout.vectors.json from the rules of the layout
vectors: setup
    @node scripts/layout-vectors.ts

# Compile python/requirements.in into the universal lock file
lock: setup
    @.venv/bin/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-emit-index-url --no-annotate --no-header python/requirements.in -o python/requirements.lock
