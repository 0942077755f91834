// Compiles the programs in `types` against the declarations, as users with other compilers, other settings and other types
// of the host do.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, '..', 'node_modules');

/** The oldest that is promised, the last of each line, and the one that this package is made with. */
const compilers = ['typescript-5.2', 'typescript-5.9', 'typescript-6.0', 'typescript'];

const strict = {
  target: 'es2022',
  module: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: false,
};
const hosts = {
  node: { files: ['esm.mts', 'commonjs.cts'], options: { lib: ['es2022', 'esnext.disposable'], types: ['node'] } },
  // Fastify's own types are not for the oldest.
  frameworks: { files: ['frameworks.mts'], options: { lib: ['es2022', 'esnext.disposable'], types: ['node'] }, except: 'typescript-5.2' },
  dom: { files: ['bare.mts', 'commonjs.cts'], options: { lib: ['es2022', 'dom', 'dom.iterable'], types: [] } },
  neither: { files: ['bare.mts', 'commonjs.cts'], options: { lib: ['es2022'], types: [] } },
};

// Beside the programs, from where the package and the types of Node are found.
const folder = mkdtempSync(join(here, '.typecheck-'));
let failed = 0;
try {
  for (const compiler of compilers) {
    for (const [host, { files, options }] of Object.entries(hosts).filter(([, { except }]) => except !== compiler)) {
      const compilerOptions = { ...strict, ...options };
      const project = join(folder, 'tsconfig.json');
      writeFileSync(project, JSON.stringify({ compilerOptions, files: files.map((file) => join(here, 'types', file)) }));
      const tsc = join(modules, compiler, 'bin', 'tsc');
      const { status, stdout, stderr, error } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
      if (status !== 0) {
        failed += 1;
        console.log(`${compiler}, types of ${host}:\n${error ?? stdout + stderr}`);
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(failed === 0 ? 0 : 1);
