#!/bin/bash
# Takes the libraries out of the C archives in folder $1 and lays them out in $2 as NuGet packages hold them: RID/native/FILE.
set -euo pipefail

built=$1
native=$2

take() {
  local triple=$1 rid=$2 library=$3 file=$4
  local folder
  folder=$(mktemp -d)
  tar -xzf "$built"/agglestone-c-*-"$triple".tar.gz -C "$folder" --strip-components=1
  mkdir -p "$native/$rid/native"
  cp --dereference "$folder/$library" "$native/$rid/native/$file"
}

take x86_64-unknown-linux-gnu linux-x64 lib/libagglestone.so libagglestone.so
take aarch64-unknown-linux-gnu linux-arm64 lib/libagglestone.so libagglestone.so
take x86_64-unknown-linux-musl linux-musl-x64 lib/libagglestone.so libagglestone.so
take x86_64-apple-darwin osx-x64 lib/libagglestone.dylib libagglestone.dylib
take aarch64-apple-darwin osx-arm64 lib/libagglestone.dylib libagglestone.dylib
take x86_64-pc-windows-msvc win-x64 bin/agglestone.dll agglestone.dll
