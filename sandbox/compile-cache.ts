import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * The variable by which the processes of the sandbox, which start the same few bundles hundreds of times, share what V8 has
 * compiled (https://nodejs.org/api/module.html#module-compile-cache).
 */
export const compileCache = { NODE_COMPILE_CACHE: path.join(tmpdir(), 'launchpad-compile-cache') } as const;
