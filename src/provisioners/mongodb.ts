import { runMongodb } from './mongodb/operations.ts';
import { podOf } from './pod.ts';
import { runProgram, writeLine } from './report.ts';

const { env } = process;
const pod = podOf(env, writeLine);
await runProgram(pod, () => runMongodb(env, pod));
