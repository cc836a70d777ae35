/**
 * Where the regions of both clouds are: degrees north and east.
 * Azure: `metadata` of `az account list-locations`, read 2026-11. Upstash runs on regions of AWS, whose documentation
 * names the city or state (docs.aws.amazon.com, "AWS Regions"); the coordinates are those of that place.
 */

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const at = (latitude: number, longitude: number): Place => ({ latitude, longitude });

/** The regions in which Upstash makes databases (upstash.com/docs/redis, read 2026-11). */
export const UPSTASH_REGIONS = {
  "us-east-1": at(39.04, -77.49),
  "us-east-2": at(40.1, -83.13),
  "us-west-1": at(37.35, -121.96),
  "us-west-2": at(45.84, -119.7),
  "ca-central-1": at(45.5, -73.57),
  "sa-east-1": at(-23.55, -46.63),
  "eu-west-1": at(53.35, -6.26),
  "eu-west-2": at(51.51, -0.13),
  "eu-central-1": at(50.11, 8.68),
  "ap-south-1": at(19.08, 72.88),
  "ap-southeast-1": at(1.35, 103.82),
  "ap-southeast-2": at(-33.87, 151.21),
  "ap-northeast-1": at(35.69, 139.69),
  "af-south-1": at(-33.92, 18.42),
} as const satisfies Readonly<Record<string, Place>>;
export type UpstashRegion = keyof typeof UPSTASH_REGIONS;

export const AZURE_REGIONS: Readonly<Record<string, Place>> = {
  australiacentral: at(-35.31, 149.12),
  australiaeast: at(-33.86, 151.21),
  australiasoutheast: at(-37.81, 144.96),
  brazilsouth: at(-23.55, -46.63),
  canadacentral: at(43.65, -79.38),
  canadaeast: at(46.82, -71.22),
  centralindia: at(18.58, 73.92),
  centralus: at(41.59, -93.62),
  eastasia: at(22.27, 114.19),
  eastus: at(37.37, -79.82),
  eastus2: at(36.67, -78.39),
  francecentral: at(46.38, 2.37),
  francesouth: at(43.83, 2.2),
  germanynorth: at(53.07, 8.81),
  germanywestcentral: at(50.11, 8.68),
  israelcentral: at(31.27, 33.45),
  italynorth: at(45.47, 9.18),
  japaneast: at(35.68, 139.77),
  japanwest: at(34.69, 135.5),
  koreacentral: at(37.57, 126.98),
  koreasouth: at(35.18, 129.08),
  mexicocentral: at(20.59, -100.39),
  newzealandnorth: at(-36.85, 174.76),
  northcentralus: at(41.88, -87.63),
  northeurope: at(53.35, -6.26),
  norwayeast: at(59.91, 10.75),
  norwaywest: at(58.97, 5.73),
  polandcentral: at(52.23, 21.02),
  qatarcentral: at(25.55, 51.44),
  southafricanorth: at(-25.73, 28.22),
  southafricawest: at(-34.08, 18.84),
  southcentralus: at(29.42, -98.5),
  southeastasia: at(1.28, 103.83),
  southindia: at(12.98, 80.16),
  spaincentral: at(40.43, -3.42),
  swedencentral: at(60.67, 17.14),
  switzerlandnorth: at(47.45, 8.56),
  switzerlandwest: at(46.2, 6.14),
  uaecentral: at(24.47, 54.37),
  uaenorth: at(25.27, 55.32),
  uksouth: at(50.94, -0.8),
  ukwest: at(53.43, -3.08),
  westcentralus: at(40.89, -110.23),
  westeurope: at(52.37, 4.9),
  westindia: at(19.09, 72.87),
  westus: at(37.78, -122.42),
  westus2: at(47.23, -119.85),
  westus3: at(33.45, -112.07),
};
