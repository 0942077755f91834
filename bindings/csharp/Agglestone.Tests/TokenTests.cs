using System;
using System.Linq;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class TokenTests : EmulatorFixture
{
    private const string Jwt = @"^[\w-]+\.[\w-]+\.[\w-]+$";

    [Test]
    public async Task AnExchangeAnswersTheTokenItself()
    {
        using var client = Emulator.NewClient();
        Assert.That(await client.ExchangeApiKeyForTokenAsync(Amelia), Does.Match(Jwt));
        Assert.That(client.ExchangeApiKeyForToken(Amelia), Does.Match(Jwt));
    }

    [Test]
    public async Task ATokenKnowsWhenItExpires()
    {
        using var client = Emulator.NewClient();
        foreach (var token in new[] { await client.GetTokenAsync(Amelia), client.GetToken(Amelia) })
        {
            Assert.That(token.Value, Does.Match(Jwt));
            Assert.That(token.ExpiresAt, Is.EqualTo(Expiry(token.Value)));
            Assert.That(token.ExpiresAt!.Value.Offset, Is.EqualTo(TimeSpan.Zero));
        }
    }

    [Test]
    public async Task ATokenThatDoesNotSayWhenItExpiresHasNoExpiry()
    {
        await Emulator.FaultAsync(new { path = "*/token-exchange", status = 200, body = new { token = "eyJhbGciOiJub25lIn0.e30.c2ln" } });
        using var client = Emulator.NewClient();
        var token = await client.GetTokenAsync("u-1");
        Assert.That((token.Value, token.ExpiresAt), Is.EqualTo(("eyJhbGciOiJub25lIn0.e30.c2ln", (DateTimeOffset?)null)));
    }

    private static DateTimeOffset Expiry(string token)
    {
        var payload = token.Split('.')[1].Replace('-', '+').Replace('_', '/');
        var json = Convert.FromBase64String(payload + new string('=', (4 - payload.Length % 4) % 4));
        using var claims = System.Text.Json.JsonDocument.Parse(json);
        return DateTimeOffset.FromUnixTimeSeconds(claims.RootElement.GetProperty("exp").GetInt64());
    }
}
