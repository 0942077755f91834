using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Agglestone.Testing;

/// <summary>
/// A running emulator, the service's local stand-in. It ends with <see cref="DisposeAsync"/>, or with this process, however that
/// ends. Its members may be called from any thread. Calls throw <see cref="EmulatorException"/> with the reason when they are refused.
/// </summary>
/// <example>
/// <code>
/// await using var emulator = await Emulator.StartAsync();
/// using var client = new AgglestoneClient(emulator.ClientOptions());
/// await emulator.AddFaultAsync(new Fault { Path = "*/Users*", Status = 503 });
/// var page = await client.GetUsersAsync(); // retried
/// </code>
/// </example>
[DebuggerDisplay("{ToString(),nq}")]
public sealed partial class Emulator : IAsyncDisposable
{
    private readonly EmulatorProcess process;
    private readonly ControlApi control;

    private Emulator(EmulatorProcess process)
    {
        this.process = process;
        var ready = process.Ready;
        Url = Text(ready, "url");
        TenantId = Text(ready, "tenantId");
        PrimaryApiKey = Text(ready, "primaryApiKey");
        SecondaryApiKey = Text(ready, "secondaryApiKey");
        ControlToken = Text(ready, "controlToken");
        PortalUrl = Text(ready, "portalUrl");
        CaFile = ready.TryGetProperty("caFile", out var file) ? file.GetString() : null;
        control = new ControlApi(Url, ControlToken, CaFile);
    }

    /// <summary>The base URL, without a slash at its end.</summary>
    public string Url { get; }

    /// <summary>The tenant that it serves.</summary>
    public string TenantId { get; }

    /// <summary>The primary API key that it started with, and has again after <see cref="ResetAsync"/>.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string PrimaryApiKey { get; }

    /// <summary>The secondary API key that it started with, and has again after <see cref="ResetAsync"/>.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string SecondaryApiKey { get; }

    /// <summary>The bearer token of the control API.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string ControlToken { get; }

    /// <summary>Where its page for people is.</summary>
    public string PortalUrl { get; }

    /// <summary>The file of the authority to trust, if it serves HTTPS with a certificate of its own.</summary>
    public string? CaFile { get; }

    /// <summary>The program, for tests of how it ends.</summary>
    internal Process Process => process.Process;

    /// <summary>Starts an emulator on a free port; returns once it answers.</summary>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up and ends the program.</param>
    /// <returns>The running emulator.</returns>
    /// <exception cref="EmulatorException">There is no such program, or it can't start.</exception>
    public static async Task<Emulator> StartAsync(EmulatorOptions? options = null, CancellationToken cancellationToken = default) =>
        new(await EmulatorProcess.StartAsync(options ?? new(), cancellationToken).ConfigureAwait(false));

    /// <summary>Options for a client, with both keys.</summary>
    public AgglestoneClientOptions ClientOptions() => new()
    {
        TenantId = TenantId,
        ApiKey = PrimaryApiKey,
        SecondaryApiKey = SecondaryApiKey,
        BaseUrl = Url,
        CaFile = CaFile,
    };

    /// <summary>The same as environment variables, for programs under test.</summary>
    public IReadOnlyDictionary<string, string> Environment()
    {
        var variables = new Dictionary<string, string>
        {
            ["AGGLESTONE_TENANT_ID"] = TenantId,
            ["AGGLESTONE_API_KEY"] = PrimaryApiKey,
            ["AGGLESTONE_SECONDARY_API_KEY"] = SecondaryApiKey,
            ["AGGLESTONE_BASE_URL"] = Url,
        };
        if (CaFile is not null)
        {
            variables["AGGLESTONE_CA_FILE"] = CaFile;
        }

        return variables;
    }

    /// <summary>Stops the emulator and returns when it has ended. Disposing twice is a no-op.</summary>
    public async ValueTask DisposeAsync()
    {
        control.Dispose();
        await process.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Address and tenant; no key.</summary>
    public override string ToString() => $"Emulator {Url} {TenantId}";

    private static string Text(JsonElement ready, string name) => ready.GetProperty(name).GetString()!;
}
