import { type Readings } from '../../../src/diagnose/readings/readings.ts';
import { disableUnit, hostIn, liveIn, type RuleCase } from './rule-case.ts';
import { failRequests } from '../samples/sample-readings.ts';

function firstServer(readings: Readings): Readings['lab']['service']['destinations'][number] {
  const [destination] = liveIn(readings).destinations;
  if (destination === undefined) throw new Error('the sample has no server');
  return destination;
}

const cases: readonly RuleCase[] = [
  {
    id: 'L11',
    name: 'there, and not loaded',
    hosts: ['director'],
    make: (readings) => {
      hostIn(readings, 'director').ipvs = {
        ...hostIn(readings, 'director').ipvs,
        support: 'loadable',
      };
      delete hostIn(readings, 'director').ipvs?.table;
      failRequests(readings, 'refused');
    },
  },
  {
    id: 'L11',
    name: 'not in this kernel',
    hosts: ['director'],
    make: (readings) => {
      hostIn(readings, 'director').ipvs = { support: 'missing' };
      failRequests(readings, 'refused');
    },
  },
  {
    id: 'L12',
    name: 'the unit is disabled',
    hosts: ['director'],
    make: (readings) => {
      disableUnit(readings, 'director', 'ipvsadm.service');
    },
  },
  {
    id: 'L12',
    name: 'AUTO is not set',
    hosts: ['director'],
    make: (readings) => {
      const boot = hostIn(readings, 'director').ipvs?.boot;
      if (boot !== undefined) boot.auto = false;
    },
  },
  {
    id: 'L12',
    name: 'saved into another file',
    hosts: ['director'],
    make: (readings) => {
      const boot = hostIn(readings, 'director').ipvs?.boot;
      if (boot !== undefined) boot.table = { services: [], foreign: [] };
    },
  },
  {
    id: 'L12',
    name: 'the file has a line that no ipvsadm reads',
    hosts: ['director'],
    make: (readings) => {
      const boot = hostIn(readings, 'director').ipvs?.boot;
      if (boot === undefined) return;
      delete boot.table;
      boot.problem = "line 1: 'garbage' is no option";
    },
  },
  {
    id: 'L13',
    name: '-m was forgotten',
    hosts: ['director'],
    make: (readings) => {
      firstServer(readings).method = 'direct-routing';
      failRequests(readings, 'timed-out', 'rs1');
    },
  },
  {
    id: 'L15',
    name: 'persistence',
    hosts: ['director'],
    make: (readings) => {
      liveIn(readings).options = '-p 300';
      const results = readings.requests?.results ?? [];
      for (const result of results) result.server = 'rs2';
    },
  },
  {
    id: 'L15',
    name: 'source hashing',
    hosts: ['director'],
    make: (readings) => {
      liveIn(readings).scheduler = 'sh';
      const results = readings.requests?.results ?? [];
      for (const result of results) result.server = 'rs1';
    },
  },
  {
    id: 'L16',
    name: 'a server that was taken away',
    hosts: ['director'],
    make: (readings) => {
      liveIn(readings).destinations.push({
        address: '192.168.2.250',
        port: 80,
        method: 'masquerading',
        weight: 1,
      });
      failRequests(readings, 'timed-out', 'rs1');
    },
  },
  {
    id: 'L20',
    name: 'all removed',
    hosts: ['director'],
    make: (readings) => {
      liveIn(readings).destinations = [];
      failRequests(readings, 'refused');
    },
  },
  {
    id: 'L21',
    name: 'one server',
    hosts: ['director'],
    make: (readings) => {
      firstServer(readings).weight = 0;
    },
  },
  {
    id: 'L22',
    name: 'an empty table',
    hosts: ['director'],
    make: (readings) => {
      const ipvs = hostIn(readings, 'director').ipvs;
      if (ipvs !== undefined) ipvs.table = { services: [], foreign: [] };
      failRequests(readings, 'refused');
    },
  },
  {
    id: 'L22',
    name: 'a service on another port',
    hosts: ['director'],
    make: (readings) => {
      liveIn(readings).port = 8000;
      failRequests(readings, 'refused');
    },
  },
  {
    id: 'L34',
    name: 'one of two',
    hosts: ['director'],
    make: (readings) => {
      liveIn(readings).destinations.shift();
    },
  },
  {
    id: 'L35',
    name: 'another scheduler',
    hosts: ['director'],
    make: (readings) => {
      liveIn(readings).scheduler = 'rr';
    },
  },
  {
    id: 'L35',
    name: 'another weight',
    hosts: ['director'],
    make: (readings) => {
      firstServer(readings).weight = 3;
    },
  },
];

/** What goes wrong with the director's table. */
export function tableCases(): readonly RuleCase[] {
  return cases;
}
