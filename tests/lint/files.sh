# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# files.sh - which files are ours; sourced by the checks, in the project's root.

# All that match the patterns, but for what is built or made by programs.
ours() {
	local pattern args=()
	for pattern; do args+=(-o -name "$pattern"); done
	find . \( -name .git -o -path ./build -o -path ./var -o -name __pycache__ \
		-o -name .pytest_cache -o -path ./tests/fuzz/corpus \) -prune \
		-o -type f \( "${args[@]:1}" \) -printf '%P\n' | sort
}

# Scripts are known by their first line.
scripts() { # interpreter
	local file
	ours '*' | while read -r file; do
		if [[ $(head -c 64 "$file" | tr -d '\0' | sed -n 1p) =~ ^#!.*$1 ]]; then
			echo "$file"
		fi
	done
}
