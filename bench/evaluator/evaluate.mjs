/**
 * Child of main.mjs: checks every candidate's answers, then measures all of them in one process. Within a round every
 * candidate gets a slice of every workload, so that what disturbs the machine disturbs all alike; the whole process has
 * seen all workloads before the first round counts. Sends its results to its parent.
 */
import { isDeepStrictEqual } from 'node:util';
import { quantile } from '../flip/statistics.mjs';
import { CANDIDATES } from './candidates.mjs';
import { makeUsers, makeWorkloads, segmentMembers } from './flags.mjs';

const [rounds, sliceMs] = process.argv.slice(2).map(Number);
const WARM_UP_EVALUATIONS = 60_000;
/** Of 10 000 users; a share that is off by more than this was translated wrongly. */
const SHARE_TOLERANCE = 0.02;

const users = makeUsers();
const members = segmentMembers(users);
const subjects = [];
for (const workload of makeWorkloads()) {
  for (const candidate of CANDIDATES) {
    const prepared = await candidate.prepare(workload.flags, users, members);
    const run = prepared.runner(workload.keys, workload.type);
    subjects.push({ workload, candidate, prepared, run, from: 0, count: 1, cpuNs: [] });
  }
}

for (const workload of new Set(subjects.map((subject) => subject.workload))) await checkAnswers(workload);
for (const subject of subjects) await subject.run(0, WARM_UP_EVALUATIONS);
for (const subject of subjects) await calibrate(subject);
for (let round = 0; round < rounds; round++) {
  // The order turns round, for whoever runs after a garbage-maker pays for its collection.
  for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) subject.cpuNs.push(await measure(subject));
}
const bytes = [];
for (const subject of subjects) bytes.push(await allocated(subject));

const results = subjects.map(({ workload, candidate, cpuNs }, index) => ({
  workload: workload.name,
  candidate: candidate.name,
  peer: candidate.peer === true,
  evaluates: subjects[index].prepared.answer !== undefined,
  medianNs: quantile(cpuNs, 0.5),
  p10Ns: quantile(cpuNs, 0.1),
  p90Ns: quantile(cpuNs, 0.9),
  cpuNs,
  bytes: bytes[index],
}));
process.send(results, () => process.exit(0));

/** CPU nanoseconds an evaluation of the whole process, collector included. */
async function measure(subject) {
  const { run, from, count } = subject;
  subject.from = (from + count) % users.length;
  const before = process.cpuUsage();
  await run(from, count);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / count;
}

/** Sets `count` to what takes about `sliceMs`. */
async function calibrate(subject) {
  subject.count = 5_000;
  const ns = Math.max(1, await measure(subject));
  subject.count = Math.max(500, Math.round((sliceMs * 1e6) / ns));
}

/** Bytes an evaluation leaves on the heap; the young generation is large enough that nothing is collected meanwhile. */
async function allocated({ run, count }) {
  const evaluations = Math.min(count, 100_000);
  const least = [];
  for (let attempt = 0; attempt < 5; attempt++) {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    await run(0, evaluations);
    least.push((process.memoryUsage().heapUsed - before) / evaluations);
  }
  return quantile(least, 0.5);
}

/** Throws unless every candidate agrees with Yardarm on every user (or, where it buckets differently, on the shares). */
async function checkAnswers(workload) {
  const group = subjects.filter((subject) => subject.workload === workload);
  const kinds = new Map(workload.flags.map((flag) => [flag.key, flag.kind]));
  const [reference] = group;
  for (const { candidate, prepared } of group) {
    if (prepared.answer === undefined) continue;
    const shares = new Map();
    for (let at = 0; at < users.length; at++) {
      const key = workload.keys[at];
      const { value, variant } = await prepared.answer(key, workload.type, at);
      const expected = await reference.prepared.answer(key, workload.type, at);
      if (candidate.exact !== true && ['rollout', 'weighted'].includes(kinds.get(key))) {
        shares.set(value, (shares.get(value) ?? 0) + 1);
        shares.set(expected.value, (shares.get(expected.value) ?? 0) - 1);
      } else if (!isDeepStrictEqual(value, expected.value) || (variant !== undefined && variant !== expected.variant)) {
        const given = JSON.stringify({ value, variant });
        throw new Error(`${candidate.name} answers ${given} for ${key}, user ${at}; expected ${JSON.stringify(expected)}`);
      }
    }
    for (const [value, surplus] of shares) {
      if (Math.abs(surplus) <= users.length * SHARE_TOLERANCE) continue;
      throw new Error(`${candidate.name} gives ${value} to ${surplus} users more than Yardarm on '${workload.name}'`);
    }
  }
}
