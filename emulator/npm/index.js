'use strict';

const { platform, arch } = process;
const kinds = { linux: ['-gnu', '-musl'], win32: ['-msvc'] }[platform] ?? [''];
const names = kinds.map((kind) => `@agglestone/emulator-${platform}-${arch}${kind}`);
const file = platform === 'win32' ? 'agglestone-emulator.exe' : 'agglestone-emulator';

const there = names.flatMap((name) => {
  try {
    return [require.resolve(`${name}/${file}`)];
  } catch {
    return [];
  }
});
if (there.length === 0) {
  throw new Error(`agglestone-emulator: ${names.join(' or ')} is not installed. It is an optional dependency: install without --omit=optional`);
}
// Where both are, one can't run.
const usesMusl = () => process.report.getReport().header.glibcVersionRuntime === undefined;

exports.path = there.length > 1 && usesMusl() ? there[1] : there[0];
