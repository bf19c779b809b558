import {
  type Destination,
  endpoint,
  type ForwardingMethod,
  type ServiceName,
  type VirtualService,
} from '../virtual-service.ts';

const methodLetters: Readonly<Record<ForwardingMethod, string>> = {
  masquerading: '-m',
  'direct-routing': '-g',
  tunneling: '-i',
};

/** How ipvsadm names the service: -t ADDRESS:PORT, or -f MARK. */
export function serviceAddressWords(service: ServiceName): readonly string[] {
  if (service.mark !== undefined) return ['-f', String(service.mark)];
  return [service.protocol === 'tcp' ? '-t' : '-u', endpoint(service)];
}

/** The whole service: what is left out, ipvsadm would reset to its defaults. */
export function serviceWords(service: Omit<VirtualService, 'destinations'>): readonly string[] {
  return [
    ...serviceAddressWords(service),
    '-s',
    service.scheduler,
    ...optionWords(service.options),
  ];
}

/** The whole destination: without -m it would become direct routing, without -w its weight 1. */
export function destinationWords(destination: Destination): readonly string[] {
  const letter = methodLetters[destination.method];
  return [
    '-r',
    endpoint(destination),
    letter,
    '-w',
    String(destination.weight),
    ...optionWords(destination.options),
  ];
}

function optionWords(options = ''): readonly string[] {
  return options.split(' ').filter((word) => word !== '');
}
