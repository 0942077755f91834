#!/bin/bash
# Takes libraries and emulators out of the archives in folder $1 and lays them out in $2 as NuGet packages hold them:
# libraries/RID/native/FILE and emulators/RID/native/FILE.
set -euo pipefail

built=$1
native=$2

take() {
  local triple=$1 rid=$2 library=$3 file=$4 program=$5
  local folder
  folder=$(mktemp -d)
  tar -xzf "$built"/agglestone-c-*-"$triple".tar.gz -C "$folder" --strip-components=1
  tar -xzf "$built"/agglestone-emulator-*-"$triple".tar.gz -C "$folder" --strip-components=1
  mkdir -p "$native/libraries/$rid/native" "$native/emulators/$rid/native"
  cp --dereference "$folder/$library" "$native/libraries/$rid/native/$file"
  cp "$folder/$program" "$native/emulators/$rid/native/$program"
}

take x86_64-unknown-linux-gnu linux-x64 lib/libagglestone.so libagglestone.so agglestone-emulator
take aarch64-unknown-linux-gnu linux-arm64 lib/libagglestone.so libagglestone.so agglestone-emulator
take x86_64-unknown-linux-musl linux-musl-x64 lib/libagglestone.so libagglestone.so agglestone-emulator
take x86_64-apple-darwin osx-x64 lib/libagglestone.dylib libagglestone.dylib agglestone-emulator
take aarch64-apple-darwin osx-arm64 lib/libagglestone.dylib libagglestone.dylib agglestone-emulator
take x86_64-pc-windows-msvc win-x64 bin/agglestone.dll agglestone.dll agglestone-emulator.exe
