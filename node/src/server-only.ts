/**
 * Refuses to load where a key would be readable by anyone. Imported before everything else.
 */

const page = globalThis as { window?: unknown; document?: unknown };

if (page.window !== undefined && page.document !== undefined && typeof process?.versions?.node !== 'string') {
  throw new Error('agglestone: API keys are for back ends only, and this is a browser. Call the service from your server.');
}
