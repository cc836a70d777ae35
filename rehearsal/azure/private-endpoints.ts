/** Which resources have private endpoints: reported by the network service, asked by those that they lead to. */

export interface PrivateConnection {
  /** Of the private endpoint. */
  endpointId: string;
  /** Of what it leads to. */
  targetId: string;
  name: string;
}

export class PrivateEndpoints {
  readonly #connections = new Map<string, PrivateConnection>();
  readonly #listeners: ((targetId: string) => Promise<void>)[] = [];

  /** @param listener called with the target whose target's connections changed */
  onChange(listener: (targetId: string) => Promise<void>): void {
    this.#listeners.push(listener);
  }

  async add(connection: PrivateConnection): Promise<void> {
    this.#connections.set(connection.endpointId.toLowerCase(), connection);
    await this.#tell(connection.targetId);
  }

  async remove(endpointId: string): Promise<void> {
    const connection = this.#connections.get(endpointId.toLowerCase());
    this.#connections.delete(endpointId.toLowerCase());
    if (connection !== undefined) await this.#tell(connection.targetId);
  }

  /** As the target's own GET shows them. */
  connectionsOf(targetId: string) {
    return [...this.#connections.values()]
      .filter((connection) => connection.targetId.toLowerCase() === targetId.toLowerCase())
      .map(({ endpointId, name }) => ({
        id: `${targetId}/privateEndpointConnections/${name}`,
        properties: {
          provisioningState: "Succeeded",
          privateEndpoint: { id: endpointId },
          privateLinkServiceConnectionState: {
            status: "Approved",
            description: "Auto-Approved",
            actionsRequired: "None",
          },
        },
      }));
  }

  async #tell(targetId: string): Promise<void> {
    for (const listener of this.#listeners) await listener(targetId);
  }
}
