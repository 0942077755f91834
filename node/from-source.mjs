// Builds this package where it lies, when `npm install PATH/node` links it into a project: the addon as a release, and the
// JavaScript. It is not among the files that are published, which come built.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

// Whoever works on the package itself builds it by `cargo xtask`.
if (process.env.INIT_CWD !== here) {
  if (!existsSync(join(here, 'node_modules', 'typescript'))) {
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  }
  run(process.execPath, [join(here, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(here, 'tsconfig.json')]);
  buildAddon();
}

function buildAddon() {
  console.error('agglestone: building the addon with cargo; the first time takes some minutes');
  const options = ['--release', '--package', 'agglestone-node', '--message-format', 'json-render-diagnostics'];
  const built = run('cargo', ['build', '--locked', ...options], ['ignore', 'pipe', 'inherit']);
  const messages = built.trim().split('\n').map((line) => JSON.parse(line));
  const artifact = messages.find(({ reason, target }) => reason === 'compiler-artifact' && target.name === 'agglestone_node');
  const library = artifact.filenames.find((name) => /\.(so|dylib|dll)$/.test(name));
  const addon = join(here, 'native', `agglestone.${platform()}.node`);
  mkdirSync(dirname(addon), { recursive: true });
  // A new file, not new content in the old one: a running Node may have that mapped.
  copyFileSync(library, `${addon}.new`);
  renameSync(`${addon}.new`, addon);
}

/** As `src/native.ts` spells it. */
function platform() {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform === 'win32') return `${name}-msvc`;
  if (process.platform !== 'linux') return name;
  return process.report.getReport().header.glibcVersionRuntime === undefined ? `${name}-musl` : `${name}-gnu`;
}

function run(program, options, stdio = 'inherit') {
  // What npm says to its scripts would also be said to cargo's.
  const shell = process.platform === 'win32' && program === 'npm';
  const { status, error, stdout } = spawnSync(program, options, { cwd: here, stdio, shell, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (error?.code === 'ENOENT') {
    throw new Error(`agglestone: ${program} is not there. Building from source needs Rust 1.95 or later (rustup.rs), a C compiler and npm`);
  }
  if (status !== 0) throw error ?? new Error(`agglestone: ${program} ${options.join(' ')} failed`);
  return stdout;
}
