import { endOnSigterm } from './mongodb/defer-sigterm.ts';
import { runMongodb } from './mongodb/operations.ts';
import { podOf } from './pod.ts';
import { runProvisioner, writeLine } from './report.ts';

endOnSigterm();
const { env } = process;
process.exitCode = await runProvisioner(() => runMongodb(env, podOf(env, writeLine)), writeLine);
