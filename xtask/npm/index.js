'use strict';

// The same file in every package that brings a program: what differs is in its manifest.
const { bin, name } = require('./package.json');

const { platform, arch } = process;
const [program] = Object.keys(bin);
const kinds = { linux: ['-gnu', '-musl'], win32: ['-msvc'] }[platform] ?? [''];
const names = kinds.map((kind) => `${name.replace('agglestone-', '@agglestone/')}-${platform}-${arch}${kind}`);
const file = platform === 'win32' ? `${program}.exe` : program;

const there = names.flatMap((name) => {
  try {
    return [require.resolve(`${name}/${file}`)];
  } catch {
    return [];
  }
});
if (there.length === 0) {
  throw new Error(`${name}: ${names.join(' or ')} is not installed. It is an optional dependency: install without --omit=optional`);
}
// Where both are, one can't run.
const usesMusl = () => process.report.getReport().header.glibcVersionRuntime === undefined;

exports.path = there.length > 1 && usesMusl() ? there[1] : there[0];
