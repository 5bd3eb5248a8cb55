import { VENDORS } from './cases/vendors.ts';
import { testFaults } from './run-case.ts';

await testFaults(VENDORS);
