using System;
using System.Buffers;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Agglestone.Testing;

/// <summary>Calls below <c>/_emulator/</c>.</summary>
internal sealed class ControlApi : IDisposable
{
    // A snapshot that is restored is the same text.
    private static readonly JsonWriterOptions AsItIs = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpClient http;
    private readonly string url;

    internal ControlApi(string url, string token, string? caFile)
    {
        // No proxy stands between a test and its own machine.
        http = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = Trusting(caFile) });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        this.url = url;
    }

    public void Dispose() => http.Dispose();

    /// <summary>Sends what <paramref name="body"/> writes, if anything, and reads the answer.</summary>
    internal async Task<JsonElement> CallAsync(
        HttpMethod method, string path, Action<Utf8JsonWriter>? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, $"{url}/_emulator/{path}");
        if (body is not null)
        {
            request.Content = new ReadOnlyMemoryContent(Written(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        using var response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        using var answer = JsonDocument.Parse(bytes);
        return response.IsSuccessStatusCode
            ? answer.RootElement.Clone()
            : throw new EmulatorException($"{method} {path}: {answer.RootElement.GetProperty("detail").GetString()}");
    }

    internal static ReadOnlyMemory<byte> Written(Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, AsItIs))
        {
            body(writer);
        }

        return buffer.WrittenMemory;
    }

    private static SslClientAuthenticationOptions Trusting(string? caFile)
    {
        if (caFile is null)
        {
            return new();
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }
}
