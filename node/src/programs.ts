/**
 * Programs that other packages bring.
 */

/** The program of a package that is installed beside this one or where the process runs. */
export function broughtBy(name: string): string | undefined {
  try {
    const found = require.resolve(name, { paths: [__dirname, process.cwd()] });
    return (require(found) as { path: string }).path;
  } catch (error) {
    if ((error as { code?: string }).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
