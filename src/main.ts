import { setFlagsFromString } from 'node:v8';
import { mainStep } from './action/main-step.ts';

// Else V8's space for new objects grows to several times what a run of many instances keeps, and stays so.
setFlagsFromString('--optimize-for-size');
await mainStep(import.meta.dirname);
