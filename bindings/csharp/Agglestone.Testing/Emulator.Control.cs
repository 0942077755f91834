using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Agglestone.Testing;

/// <content>What can be asked of a running emulator and changed in it.</content>
public sealed partial class Emulator
{
    /// <summary>Replaces a key; the previous key is refused immediately.</summary>
    /// <param name="slot">Which of the two.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The new key.</returns>
    public async Task<string> GenerateKeyAsync(KeySlot slot, CancellationToken cancellationToken = default)
    {
        var answer = await control.CallAsync(HttpMethod.Post, Path(slot), null, cancellationToken).ConfigureAwait(false);
        return answer.GetProperty("apiKey").GetString()!;
    }

    /// <summary>Makes <paramref name="key"/> the key in <paramref name="slot"/>; the previous key is refused immediately.</summary>
    /// <param name="slot">Which of the two.</param>
    /// <param name="key">4 to 256 visible ASCII characters.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task SetKeyAsync(KeySlot slot, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return control.CallAsync(HttpMethod.Post, Path(slot), writer => WriteObject(writer, () => writer.WriteString("apiKey", key)), cancellationToken);
    }

    /// <summary>Accepted, replaced and unknown keys by fingerprint, and who presented them.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<KeyReport>> KeyReportAsync(CancellationToken cancellationToken = default)
    {
        var answer = await control.CallAsync(HttpMethod.Get, "keys", null, cancellationToken).ConfigureAwait(false);
        return answer.GetProperty("keys").EnumerateArray().Select(key => new KeyReport(key)).ToList();
    }

    /// <summary>The requests that arrived, oldest first.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<RecordedRequest>> RequestsAsync(CancellationToken cancellationToken = default)
    {
        var answer = await control.CallAsync(HttpMethod.Get, "requests", null, cancellationToken).ConfigureAwait(false);
        return answer.EnumerateArray().Select(request => new RecordedRequest(request)).ToList();
    }

    /// <summary>Makes matching requests go wrong.</summary>
    /// <param name="fault">What, and which requests.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EmulatorException">The fault has no effect, or its members can't go together.</exception>
    public Task AddFaultAsync(Fault fault, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return control.CallAsync(HttpMethod.Post, "faults", fault.Write, cancellationToken);
    }

    /// <summary>Forgets all faults.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task ClearFaultsAsync(CancellationToken cancellationToken = default) =>
        control.CallAsync(HttpMethod.Delete, "faults", null, cancellationToken);

    /// <summary>Lets whole seconds pass at once: tokens expire, and new ones are issued at the new time.</summary>
    /// <param name="time">How much; the clock runs at most 100 years ahead.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task AdvanceClockAsync(TimeSpan time, CancellationToken cancellationToken = default) => control.CallAsync(
        HttpMethod.Post,
        "clock",
        writer => WriteObject(writer, () => writer.WriteNumber("advanceSeconds", (long)time.TotalSeconds)),
        cancellationToken);

    /// <summary>Adds users, or replaces those with the same <see cref="User.UserId"/>.</summary>
    /// <param name="users">The users.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task PutUsersAsync(IEnumerable<User> users, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(users);
        return control.CallAsync(HttpMethod.Post, "users", writer => EmulatorProcess.WriteUsers(writer, users), cancellationToken);
    }

    /// <summary>Removes a user.</summary>
    /// <param name="userId">Whose id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RemoveUserAsync(string userId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(userId);
        return control.CallAsync(HttpMethod.Delete, $"users/{Uri.EscapeDataString(userId)}", null, cancellationToken);
    }

    /// <summary>Refuses every token that the user has at this moment; new ones can be had.</summary>
    /// <param name="userId">Whose id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RevokeTokensAsync(string userId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(userId);
        return control.CallAsync(HttpMethod.Post, $"users/{Uri.EscapeDataString(userId)}/revoke", null, cancellationToken);
    }

    /// <summary>Users, keys and signing key, for <see cref="RestoreAsync"/>. Holds secrets.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<JsonElement> SnapshotAsync(CancellationToken cancellationToken = default) =>
        control.CallAsync(HttpMethod.Get, "snapshot", null, cancellationToken);

    /// <summary>Restores what <see cref="SnapshotAsync"/> returned, of this or another emulator of the same tenant.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RestoreAsync(JsonElement snapshot, CancellationToken cancellationToken = default) =>
        control.CallAsync(HttpMethod.Put, "snapshot", snapshot.WriteTo, cancellationToken);

    /// <summary>Back to the keys, users and time that it started with; no faults, no recorded requests.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task ResetAsync(CancellationToken cancellationToken = default) =>
        control.CallAsync(HttpMethod.Post, "reset", null, cancellationToken);

    private static string Path(KeySlot slot) => slot switch
    {
        KeySlot.Primary => "keys/primary",
        KeySlot.Secondary => "keys/secondary",
        _ => throw new ArgumentOutOfRangeException(nameof(slot), slot, "expected Primary or Secondary"),
    };

    private static void WriteObject(Utf8JsonWriter writer, Action members)
    {
        writer.WriteStartObject();
        members();
        writer.WriteEndObject();
    }
}
