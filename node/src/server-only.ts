/**
 * Refuses to load where a key would be readable by anyone, and where the addon can't be found. Imported before everything else.
 */
import { bundled } from './bundled.js';

const page = globalThis as { window?: unknown; document?: unknown };

if (page.window !== undefined && page.document !== undefined && typeof process?.versions?.node !== 'string') {
  throw new Error('agglestone: API keys are for back ends only, and this is a browser. Call the service from your server.');
}

try {
  // What everything else here begins with. A bundle of ES modules has no `require`.
  require('node:module');
} catch (cause) {
  throw bundled(cause);
}
